import index from '../../../shaders/common/index.wgsl?raw';
import quads from '../../../shaders/common/software/quads.wgsl?raw';
import rowOf from '../../../shaders/matmul/rowOf.wgsl?raw';
import tileQuad from '../../../shaders/matmul/software/tile.quad.wgsl?raw';

/** Quads lie within one workgroup and leave a loop together, which the analysis cannot see. */
export const QUAD_DIRECTIVES = ['enable subgroups;', 'diagnostic(off, subgroup_uniformity);'];

/** Preludes of every kernel whose invocations load for their neighbours. */
export const QUAD_PRELUDES = [index, quads, rowOf];

/** Preludes of the products of matrices whose tiles quads share. */
export const QUAD_TILE = [...QUAD_PRELUDES, tileQuad];
