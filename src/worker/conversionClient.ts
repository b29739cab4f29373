/** The page's end of the commands of conversions; loaded with the first. */
import { proxy } from 'comlink';
import type { ConversionApi } from './api.ts';

/** @param call rejects once the worker has failed, with an error of one of the known names */
export function conversionClient(
  remote: ConversionApi,
  call: <T>(command: () => Promise<T>) => Promise<T>,
): ConversionApi {
  return {
    list: () => call(() => remote.list()),
    open: (id) => call(() => remote.open(id)),
    plan: (teacher, settings) => call(() => remote.plan(teacher, settings)),
    begin: (teacher, settings, own) => call(() => remote.begin(teacher, settings, own)),
    replay: (link, own) => call(() => remote.replay(link, own)),
    stop: () => call(() => remote.stop()),
    goOn: (id) => call(() => remote.goOn(id)),
    redo: (id, layer) => call(() => remote.redo(id, layer)),
    measure: (id, students, probes) => call(() => remote.measure(id, students, probes)),
    throughput: (id, shape, rounds) => call(() => remote.throughput(id, shape, rounds)),
    domains: (id, domain, steps) => call(() => remote.domains(id, domain, steps)),
    profile: (id) => call(() => remote.profile(id)),
    policy: (id, shares) => call(() => remote.policy(id, shares)),
    assemble: (id, student, name) => call(() => remote.assemble(id, student, name)),
    write: (id, student, request, onTokens) =>
      call(() => remote.write(id, student, request, proxy(onTokens))),
    link: (id, student) => call(() => remote.link(id, student)),
    toFile: (id) => call(() => remote.toFile(id)),
    fromFile: (bytes) => call(() => remote.fromFile(bytes)),
    rename: (id, name) => call(() => remote.rename(id, name)),
    remove: (id) => call(() => remote.remove(id)),
    subscribe: (listener) => call(() => remote.subscribe(proxy(listener))),
  };
}
