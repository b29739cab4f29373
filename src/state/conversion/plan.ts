/** What to expect of a conversion before it begins, as the page asks for it. */
import type {
  ConversionApi,
  ConversionPlan,
  LadimoSettings,
  TeacherChoice,
} from '../../worker/api.ts';

/** What can be expected of the settings, or what is wrong with them. */
export interface Planned {
  /** Teacher and settings that it is the plan of. */
  of: string;
  plan: ConversionPlan | null;
  /** Shape of the teacher, of a file also where the settings are refused. */
  teacher: ConversionPlan['teacher'] | null;
  /** A sentence for each refusal, with number and range. */
  refusals: readonly string[];
}

/** Name of a teacher and settings, to tell questions apart; bytes of a file by their count. */
export function planKey(teacher: TeacherChoice, settings: Partial<LadimoSettings>): string {
  const of =
    typeof teacher === 'object' && 'bytes' in teacher
      ? { file: teacher.file, bytes: teacher.bytes.length }
      : teacher;
  return JSON.stringify([of, settings]);
}

export const messageOf = (error: unknown) =>
  error instanceof Error ? error.message : String(error);

/** Refusals as sentences: the settings' own come joined. */
function refusalsOf(error: unknown): string[] {
  return messageOf(error)
    .replace(/^ladimo: /, '')
    .split(/; (?=[\w.]+: )/);
}

export async function planOf(
  api: () => Promise<ConversionApi>,
  teacher: TeacherChoice,
  settings: Partial<LadimoSettings>,
): Promise<Omit<Planned, 'of'>> {
  const plan = async (some: Partial<LadimoSettings>) => (await api()).plan(teacher, some);
  try {
    const found = await plan(settings);
    return { plan: found, teacher: found.teacher, refusals: [] };
  } catch (error) {
    const isFile = typeof teacher === 'object' && 'bytes' in teacher;
    const usual = isFile ? await plan({}).catch(() => null) : null;
    return { plan: null, teacher: usual?.teacher ?? null, refusals: refusalsOf(error) };
  }
}
