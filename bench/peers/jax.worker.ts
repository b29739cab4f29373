import { expose } from 'comlink';
import { createSession } from '../session.ts';
import { startedAt } from '../start.ts';
import { jaxLibrary } from './jax.ts';

expose(createSession(jaxLibrary(), startedAt));
