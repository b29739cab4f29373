/**
 * A conversion as a link: the teacher's experiment as ever, and packed under `cv` how many steps it
 * is trained, the settings of the conversion, the seeds by these, and the digest of what came out.
 */
import * as v from 'valibot';
import { sealed } from './checkSum.ts';
import type { Experiment, Problem } from './experiment.ts';
import { parseJson } from './json.ts';
import type { StudentChoice } from './ladimo.ts';
import { type LadimoSettings, parseLadimoSettings } from './ladimoSettings.ts';
import { packText, unpackText } from './packing.ts';
import { isRecord } from './paths.ts';
import { decodeLink, encodeLink, runPairs, withView } from './permalink.ts';
import { MAX_STEPS } from './settings.ts';
import { studentShape } from './studentShape.ts';
import { show } from './values.ts';

export interface LinkedConversion {
  /** Of the teacher, with its events. */
  experiment: Experiment;
  /** Steps that the teacher is trained. */
  steps: number;
  settings: LadimoSettings;
  /** 16 hexadecimal digits over all trained layers; null where they were not all converted. */
  digest: string | null;
  /** The student that is meant; null where the conversion as a whole is. */
  student: StudentChoice | null;
}

/** Fragment, with its check sum. */
export function encodeConversionLink(
  { experiment, ...conversion }: LinkedConversion,
  view: readonly (readonly [key: string, text: string])[] = [],
): string {
  const packed = packText(JSON.stringify(conversion));
  return sealed(withView(encodeLink(experiment), [['cv', packed], ...view]));
}

/** What is said of a student; null for none. @throws RangeError naming what is refused */
export function checkedStudent(raw: unknown): StudentChoice | null {
  const result = v.safeParse(v.nullable(studentShape), raw);
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new RangeError(`student.${v.getDotPath(issue) ?? ''}: ${issue.message}`);
}

/** What a link or file says of a conversion. @throws RangeError naming what is refused */
export function checkedConversion(raw: unknown): Omit<LinkedConversion, 'experiment'> {
  if (!isRecord(raw)) throw new RangeError('it is no object');
  const { steps, settings, digest = null, student = null } = raw;
  const isCount = typeof steps === 'number' && Number.isInteger(steps);
  if (!isCount || steps < 0 || steps > MAX_STEPS)
    throw new RangeError(`steps: ${show(steps)}; it must be a whole number from 0 to ${MAX_STEPS}`);
  if (digest !== null && !(typeof digest === 'string' && /^[0-9a-f]{16}$/.test(digest)))
    throw new RangeError(`digest: ${show(digest)}; it must be 16 hexadecimal digits, or null`);
  return {
    steps,
    settings: parseLadimoSettings(settings),
    digest,
    student: checkedStudent(student),
  };
}

/**
 * The conversion of a link; null where it names none that its check sum vouches for. Never throws.
 * @param fragment a URL's fragment, with or without '#', or a whole URL
 */
export function decodeConversionLink(fragment: string): {
  conversion: LinkedConversion | null;
  problems: Problem[];
} {
  const { experiment, problems } = decodeLink(fragment);
  const { cv } = runPairs(fragment);
  if (cv === undefined) return { conversion: null, problems };
  try {
    return {
      conversion: { experiment, ...checkedConversion(parseJson(unpackText(cv))) },
      problems,
    };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = `the conversion in the link cannot be read: ${reason}`;
    return {
      conversion: null,
      problems: [...problems, { path: 'link', message, severity: 'error' }],
    };
  }
}
