import { expose } from 'comlink';
import { filesThread } from './thread.ts';

expose(filesThread());
