import { expose } from 'comlink';
import { createSession } from '../session.ts';
import { startedAt } from '../start.ts';
import { ourLibrary, requestBrowserDevice } from './library.ts';

expose(createSession(ourLibrary(requestBrowserDevice), startedAt));
