import quads from '../../shaders/common/quads.wgsl?raw';
import type { KernelSpec } from '../gpu/kernel.ts';

/** Quads lie within one workgroup and leave a loop together, which the analysis cannot see. */
const DIRECTIVES = ['enable subgroups;', 'diagnostic(off, subgroup_uniformity);'];

/** A kernel whose invocations load for their neighbours; for plans that use quads. */
export function withQuads<S extends KernelSpec>(spec: S): S {
  return { ...spec, preludes: [quads, ...(spec.preludes ?? [])], directives: DIRECTIVES };
}
