/** The page's end of the commands of the queue; loaded with the first. */
import { proxy } from 'comlink';
import type { QueueApi } from './api.ts';

/** @param call rejects once the worker has failed, with an error of one of the known names */
export function queueClient(
  remote: QueueApi,
  call: <T>(command: () => Promise<T>) => Promise<T>,
): QueueApi {
  return {
    state: () => call(() => remote.state()),
    subscribe: (listener) => call(() => remote.subscribe(proxy(listener))),
    estimate: (request) => call(() => remote.estimate(request)),
    add: (request) => call(() => remote.add(request)),
    pause: () => call(() => remote.pause()),
    resume: () => call(() => remote.resume()),
    move: (id, place) => call(() => remote.move(id, place)),
    cancel: (id) => call(() => remote.cancel(id)),
    again: (id) => call(() => remote.again(id)),
    remove: (id) => call(() => remote.remove(id)),
    results: (name) => call(() => remote.results(name)),
    sweepResult: (id) => call(() => remote.sweepResult(id)),
  };
}
