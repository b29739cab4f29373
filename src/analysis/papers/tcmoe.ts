/** Printed by TC-MoE: ternary expert choice. */
import { printed } from './printed.ts';

const benchmarks = printed({
  paper: 'tcmoe',
  where: 'Table 1',
  holds: 'Scores by method and model',
  csv: `model,method,average K,fewer FLOPs,ARC-Easy,BoolQ,MMLU,LAMBADA,HellaSwag,OpenBookQA,PIQA,SQuAD,WinoGrande,average
base (RedPajama),Top-K,2.00,–,57.03,58.75,25.24,50.40,42.76,39.40,68.17,43.91,52.72,48.71
base (RedPajama),Random drop,1.85,5.4%,56.48,58.62,25.35,50.13,42.83,39.00,69.53,44.68,51.30,48.66
base (RedPajama),Top-P,1.99,0.3%,55.26,59.54,25.74,50.30,42.22,41.00,68.66,43.55,53.20,48.83
base (RedPajama),TC-MoE,1.82,6.5%,57.03,59.20,25.58,50.16,43.51,42.00,68.66,44.88,54.85,49.54
fine-grained base (RedPajama),Top-K,4.00,–,56.69,55.35,25.16,50.16,42.72,39.6,68.93,44.11,52.49,48.36
fine-grained base (RedPajama),TC-MoE,3.87,2.3%,57.58,58.56,26.80,50.46,43.16,41.80,68.28,45.19,52.09,49.32
tiny (FineWeb),Top-K,2.00,–,55.13,56.76,26.02,48.32,46.46,37.60,71.33,44.68,52.41,48.75
tiny (FineWeb),TC-MoE,1.83,5.8%,55.93,58.53,26.2,48.85,46.65,41.20,71.71,46.32,53.99,49.93
base (FineWeb),Top-K,2.00,–,60.19,50.76,26.46,53.95,53.23,43.00,74.48,45.60,55.33,51.44
base (FineWeb),TC-MoE,1.86,5.1%,60.56,57.4,26.67,54.01,54.05,44.00,73.43,47.24,56.12,52.61`,
});

const sizes = printed({
  paper: 'tcmoe',
  where: 'Table 2',
  holds: 'Sizes of the models',
  csv: `model,layers,hidden,heads,KV heads,intermediate,activated/all experts,activated/all parameters
tiny,24,768,12,2,2048,2/8,298M/978M
base,32,1024,16,2,2816,2/8,681M/2.3B
fine-grained base,32,1024,16,2,1280,4/16,631M/2.1B`,
});

const ablation = printed({
  paper: 'tcmoe',
  where: 'Table 3',
  holds: 'Scores by multiplication set',
  csv: `set,average K,fewer FLOPs,average score
{1},2.00,–,48.71
{−1 1},2.00,0.0%,49.00
{0 1},1.81,6.9%,49.23
{−1 0 1},1.82,6.4%,49.54`,
});

const budget = printed({
  paper: 'tcmoe',
  where: 'Figure 3',
  holds: 'Average computing experts by setting',
  csv: `method,setting,average K
TC-MoE,α₂ 0,1.82
TC-MoE,α₂ 1e-5,1.61
TC-MoE,α₂ 2e-5,1.30
random drop,15%,1.85
random drop,45%,1.55
random drop,70%,1.30
Top-P,weight 1e-5,1.99
Top-P,weight 2e-5,1.56
Top-P,weight 5e-5,1.14`,
});

export const TCMOE = [benchmarks, sizes, ablation, budget] as const;
