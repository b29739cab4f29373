/** The five papers, and the tables that they print. */
import { EQUALRES } from './papers/equalres.ts';
import { LADIMO } from './papers/ladimo.ts';
import { MODSE } from './papers/modse.ts';
import { MOEPP } from './papers/moepp.ts';
import type { PaperId, PrintedTable } from './papers/printed.ts';
import { TCMOE } from './papers/tcmoe.ts';

export interface Paper {
  id: PaperId;
  title: string;
  tables: readonly PrintedTable[];
}

export const PAPERS: readonly Paper[] = [
  {
    id: 'modse',
    title: 'Mixture of Diverse Size Experts',
    tables: MODSE,
  },
  {
    id: 'moepp',
    title: 'MoE++: Accelerating Mixture-of-Experts Methods with Zero-Computation Experts',
    tables: MOEPP,
  },
  {
    id: 'tcmoe',
    title: 'TC-MoE: Augmenting Mixture of Experts with Ternary Expert Choice',
    tables: TCMOE,
  },
  {
    id: 'equalres',
    title: 'Can Mixture-of-Experts Surpass Dense LLMs Under Strictly Equal Resources?',
    tables: EQUALRES,
  },
  {
    id: 'ladimo',
    title: 'LaDiMo: Layer-wise Distillation Inspired MoEfier',
    tables: LADIMO,
  },
];
