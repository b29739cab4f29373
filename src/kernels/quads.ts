import quadsOff from '../../shaders/common/quads.off.wgsl?raw';
import quadsOn from '../../shaders/common/quads.on.wgsl?raw';
import type { KernelSpec } from '../gpu/kernel.ts';
import type { PlanBuilder } from '../gpu/plan.ts';

/** Quads lie within one workgroup and leave a loop together, which the analysis cannot see. */
const DIRECTIVES = ['enable subgroups;', 'diagnostic(off, subgroup_uniformity);'];

/**
 * A kernel of software adapters whose invocations load for their neighbours where the device has
 * subgroups, and for themselves elsewhere; the bits are the same.
 */
export function withQuads<S extends KernelSpec>(spec: S, { hasQuads }: PlanBuilder): S {
  const preludes = [hasQuads ? quadsOn : quadsOff, ...(spec.preludes ?? [])];
  return hasQuads
    ? { ...spec, preludes, directives: DIRECTIVES, variant: 'quads' }
    : { ...spec, preludes, variant: 'no quads' };
}

/** The same kernel for adapters whose invocations load for themselves. */
export function withoutQuads<S extends KernelSpec>(spec: S): S {
  return { ...spec, preludes: [quadsOff, ...(spec.preludes ?? [])] };
}
