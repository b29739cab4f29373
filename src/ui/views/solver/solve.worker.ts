/** The resource solver in a thread of its own: a search may take a second. */
import { expose } from 'comlink';
import { solve } from '../../../accounting/solver.ts';

expose({ solve });
