/** Exercises with their answers, from a seeded generator: one document per sheet. */

const SEED = 1;
const SHEETS = 2000;

/** Marsaglia's xorshift32: the same numbers everywhere. */
function randomSource(seed) {
  let state = seed;
  return {
    /** An integer from low to high, both included. */
    int(low, high) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      return low + ((state >>> 0) % (high - low + 1));
    },
    pick(list) {
      return list[this.int(0, list.length - 1)];
    },
  };
}

const NAMES = [
  'Ada',
  'Ben',
  'Chen',
  'Dora',
  'Emil',
  'Fatima',
  'Goran',
  'Hana',
  'Ivo',
  'Jun',
  'Kofi',
  'Lena',
];
const THINGS = [
  'apples',
  'books',
  'coins',
  'stamps',
  'marbles',
  'shells',
  'pencils',
  'cards',
  'stones',
  'tickets',
];
const BOXES = ['boxes', 'bags', 'shelves', 'baskets', 'rows'];

/** A number of one to `digits` digits: each length is as likely as the others. */
function number(random, digits) {
  const length = random.int(1, digits);
  return random.int(length === 1 ? 0 : 10 ** (length - 1), 10 ** length - 1);
}

function addition(random) {
  const a = number(random, 4);
  const b = number(random, 4);
  return `${a} + ${b} = ${a + b}`;
}

function subtraction(random) {
  const a = number(random, 4);
  const b = number(random, 4);
  return `${a} - ${b} = ${a - b}`;
}

function multiplication(random) {
  const a = number(random, 2);
  const b = number(random, 3);
  return `${a} * ${b} = ${a * b}`;
}

function division(random) {
  const b = random.int(1, 20);
  const a = number(random, 3);
  const rest = a % b;
  const quotient = (a - rest) / b;
  return rest === 0 ? `${a} / ${b} = ${quotient}` : `${a} / ${b} = ${quotient} remainder ${rest}`;
}

function comparison(random) {
  const a = number(random, 4);
  const b = random.int(0, 5) === 0 ? a : number(random, 4);
  const sign = a < b ? '<' : a > b ? '>' : '=';
  return random.int(0, 1) === 0
    ? `${a} ${sign} ${b}`
    : `Which is larger, ${a} or ${b}? ${a === b ? 'They are equal.' : `${Math.max(a, b)}.`}`;
}

function brackets(random) {
  const a = random.int(0, 20);
  const b = random.int(0, 20);
  const c = random.int(0, 12);
  return random.int(0, 1) === 0
    ? `(${a} + ${b}) * ${c} = ${(a + b) * c}`
    : `${a} + ${b} * ${c} = ${a + b * c}`;
}

function sequence(random) {
  const start = number(random, 2);
  const difference = random.int(1, 25);
  const terms = Array.from({ length: 5 }, (_, i) => start + i * difference);
  return `${terms.slice(0, 4).join(', ')}, ... The next is ${terms[4]}.`;
}

function sorting(random) {
  const numbers = Array.from({ length: random.int(3, 6) }, () => number(random, 3));
  return `Sort ${numbers.join(' ')}: ${[...numbers].sort((a, b) => a - b).join(' ')}`;
}

function givingAway(random) {
  const name = random.pick(NAMES);
  const thing = random.pick(THINGS);
  const has = random.int(5, 99);
  const gives = random.int(1, has);
  const left = has - gives;
  return `${name} has ${has} ${thing} and gives away ${gives}. How many are left? ${has} - ${gives} = ${left}. Answer: ${left}.`;
}

function together(random) {
  const first = random.int(0, NAMES.length - 1);
  const second = (first + random.int(1, NAMES.length - 1)) % NAMES.length;
  const thing = random.pick(THINGS);
  const a = random.int(2, 200);
  const b = random.int(2, 200);
  return `${NAMES[first]} has ${a} ${thing} and ${NAMES[second]} has ${b}. How many do they have together? ${a} + ${b} = ${a + b}. Answer: ${a + b}.`;
}

function packing(random) {
  const boxes = random.int(2, 12);
  const each = random.int(2, 20);
  const thing = random.pick(THINGS);
  const total = boxes * each;
  return `There are ${boxes} ${random.pick(BOXES)} with ${each} ${thing} each. How many ${thing} are there? ${boxes} * ${each} = ${total}. Answer: ${total}.`;
}

const EXERCISES = [
  addition,
  subtraction,
  multiplication,
  division,
  comparison,
  brackets,
  sequence,
  sorting,
  givingAway,
  together,
  packing,
];

/** A sheet has 6 to 20 exercises: of one kind on every other sheet, mixed on the rest. */
function sheet(random) {
  const only = random.int(0, 1) === 0 ? random.pick(EXERCISES) : null;
  const count = random.int(6, 20);
  return Array.from({ length: count }, () => (only ?? random.pick(EXERCISES))(random)).join('\n');
}

export const arithmetic = {
  name: 'arithmetic',
  title: `Exercises with answers, ${SHEETS} sheets from seed ${SEED}`,
  domain: 'Arithmetic',
  package: null,
  documents() {
    const random = randomSource(SEED);
    return Array.from({ length: SHEETS }, () => sheet(random));
  },
};
