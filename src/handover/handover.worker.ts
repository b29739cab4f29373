import { expose } from 'comlink';
import { fetchSource } from '../data/fetchSource.ts';
import { handoverThread } from './thread.ts';

expose(handoverThread(fetchSource));
