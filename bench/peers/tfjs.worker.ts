import { expose } from 'comlink';
import { createSession } from '../session.ts';
import { startedAt } from '../start.ts';
import { tfjsLibrary } from './tfjs.ts';

expose(createSession(tfjsLibrary(), startedAt));
