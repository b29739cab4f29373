/** The thread that figures are computed in, so that the page's stays free. */
import { expose } from 'comlink';
import { createFiguresThread } from './thread.ts';

expose(createFiguresThread());
