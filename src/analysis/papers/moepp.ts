/** Printed by MoE++: zero-computation experts. */
import { printed } from './printed.ts';

const sizes = printed({
  paper: 'moepp',
  where: 'Table 2',
  holds: 'Sizes and architectures',
  csv: `model,activated/all,layers,hidden,intermediate,heads,head dim,FFN experts,zero/copy/constant
MoE 0.6B/8E,0.2B/0.6B,12,768,2048,12,64,8,–
MoE++ 0.6B/(8+4)E,0.2B/0.6B,12,768,2048,12,64,8,1/1/2
MoE 1B/16E,0.2B/1B,12,768,2048,12,64,16,–
MoE++ 1B/(16+4)E,0.2B/1B,12,768,2048,12,64,16,1/1/2
MoE 2B/32E,0.2B/2B,12,768,2048,12,64,32,–
MoE++ 2B/(32+8)E,0.2B/2B,12,768,2048,12,64,32,1/1/6
MoE 7B/16E,1.2B/7B,24,1536,4096,16,96,16,–
MoE++ 7B/(16+4)E,1.2B/7B,24,1536,4096,16,96,16,1/1/2`,
});

const comparison = printed({
  paper: 'moepp',
  where: 'Table 3',
  holds: 'Expert-forward time, throughput and scores by τ',
  csv: `model,τ,expert forward (ms),throughput,SciQ,PIQA,WinoGrande,ARC-E,HellaSwag (10),LogiQA,BoolQ (32),LAMBADA,NQ (32),average
MoE 0.6B/8E,–,535.3,–,76.6,67.3,50.2,47.6,40.3,25.3,50.9,38.7,1.5,44.3
MoE++ 0.6B/(8+4)E,0.10,202.4,+164.5%,73.1,65.1,51.9,46.0,36.1,27.5,57.6,33.2,0.3,43.4
MoE++ 0.6B/(8+4)E,0.25,277.8,+92.7%,74.8,66.5,51.1,48.4,39.7,27.8,55.9,38.3,1.2,44.9
MoE++ 0.6B/(8+4)E,0.50,387.3,+38.2%,74.9,68.4,49.3,48.9,40.7,27.3,56.5,37.4,1.1,44.9
MoE++ 0.6B/(8+4)E,0.75,427.6,+25.2%,76.5,67.6,51.9,50.1,41.8,28.7,54.2,38.7,1.1,45.6
MoE++ 0.6B/(8+4)E,1.00,449.6,+19.1%,75.9,67.6,52.2,49.0,41.7,26.9,46.1,39.6,1.1,44.5
MoE 1B/16E,–,610.9,–,79.3,68.4,54.2,48.9,43.7,27.5,41.2,42.5,2.1,45.3
MoE++ 1B/(16+4)E,0.10,289.3,+111.2%,76.3,67.6,51.1,48.5,40.0,26.4,60.8,40.5,0.9,45.8
MoE++ 1B/(16+4)E,0.25,384.9,+58.7%,77.4,68.3,50.2,48.2,42.5,27.2,57.2,40.2,2.1,45.9
MoE++ 1B/(16+4)E,0.50,469.7,+30.1%,77.5,67.6,52.5,49.7,44.3,27.0,50.7,42.5,2.4,46.0
MoE++ 1B/(16+4)E,0.75,500.3,+22.1%,78.3,70.3,51.7,49.7,44.6,27.6,46.3,43.9,2.4,46.1
MoE++ 1B/(16+4)E,1.00,530.2,+15.2%,79.3,69.5,52.5,51.5,44.6,27.8,52.2,45.3,1.8,47.2
MoE 2B/32E,–,683.4,–,77.9,70.0,51.6,51.6,46.0,28.1,41.2,43.9,2.9,45.9
MoE++ 2B/(32+8)E,0.10,417.9,+63.5%,76.0,68.2,52.3,49.7,42.7,28.7,58.0,39.1,1.8,46.3
MoE++ 2B/(32+8)E,0.25,473.7,+44.3%,76.2,69.4,52.6,51.7,46.0,28.6,54.3,42.3,1.8,47.0
MoE++ 2B/(32+8)E,0.50,532.7,+28.3%,78.4,70.0,54.2,50.6,47.0,26.7,45.1,43.5,2.2,46.4
MoE++ 2B/(32+8)E,0.75,561.0,+21.8%,79.6,70.2,51.9,51.4,47.3,27.7,48.2,46.0,3.6,47.3
MoE++ 2B/(32+8)E,1.00,590.5,+15.7%,81.7,69.8,53.6,52.4,47.7,25.7,58.4,44.9,3.0,48.6
MoE 7B/16E,–,1859,–,78.3,72.6,58.8,53.1,61.3,27.8,53.7,57.2,8.2,52.3
MoE++ 7B/(16+4)E,0.75,1455,+27.8%,80.1,73.6,58.2,53.6,61.8,28.3,56.0,57.0,9.0,53.1`,
});

const kindAblation = printed({
  paper: 'moepp',
  where: 'Table 5',
  holds: 'Scores by kinds of zero-computation experts, 1B/(16+4)E, τ 0.75',
  note: 'Which kinds a row has is not legible in the text at hand; its rows are in their order.',
  csv: `experts of each kind,PIQA,WinoGrande,ARC-E,HellaSwag (10),LogiQA,BoolQ (32),LAMBADA,average
none,68.4,54.2,48.9,43.7,27.5,41.2,42.5,46.6
one,68.4,52.2,48.7,44.0,28.3,45.7,42.0,47.0
one,69.4,52.1,50.0,44.0,27.7,45.1,42.3,47.2
one,68.6,51.3,49.6,44.4,28.9,46.4,42.4,47.4
two,68.6,52.6,49.2,44.1,28.1,45.8,41.8,47.2
two,67.9,52.4,50.8,44.0,26.6,47.1,42.2,47.3
two,68.8,53.6,49.3,44.6,24.9,47.3,44.0,47.5
all,70.3,51.7,49.7,44.6,27.6,46.3,43.9,47.7`,
});

export const residuals = printed({
  paper: 'moepp',
  where: 'Table 6',
  holds: 'Scores with and without gating residuals, 1B/(16+4)E, τ 0.75',
  csv: `gating residuals,PIQA,WinoGrande,ARC-E,HellaSwag (10),LogiQA,BoolQ (32),LAMBADA,average
without,69.0,51.3,50.8,44.1,27.5,46.2,43.8,47.5
with,70.3,51.7,49.7,44.6,27.6,46.3,43.9,47.7`,
});

const wallClock = printed({
  paper: 'moepp',
  where: 'Table A',
  holds: 'Time of one expert of each kind',
  csv: `expert,hidden,tokens,time (ms)
zero,1536,2048,9.589e-5
copy,1536,2048,1.236e-4
constant,1536,2048,3.206e-2
FFN,1536,2048,1.050`,
});

const routers = printed({
  paper: 'moepp',
  where: 'Table B',
  holds: 'Cost of the router with and without gating residuals',
  csv: `router,hidden,experts,tokens,FLOPs,time (ms)
original,1536,16,2048,50331648,4.264e-2
pathway-aware,1536,16,2048,50888704,4.366e-2`,
});

const removals = printed({
  paper: 'moepp',
  where: 'Table C',
  holds: 'WinoGrande without some kinds of experts, 7B/(16+4)E',
  csv: `removed,WinoGrande
nothing,63.1
zero,62.0
copy,62.2
constant,61.9
zero and copy,61.8
zero and constant,61.4
copy and constant,61.7
zero and copy and constant,61.0`,
});

export const MOEPP = [
  sizes,
  comparison,
  kindAblation,
  residuals,
  wallClock,
  routers,
  removals,
] as const;
