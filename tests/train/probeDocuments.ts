/** Held-out text in the letters of `fakeText`, with items of every probe task. */
const WORDS = 'abc dab cab fed gab bad had. ace beg cab had. ';
export const DOCUMENTS = ['prose', 'code'].map((name) => ({
  name,
  training: ['abc'],
  validation: [
    WORDS.repeat(30),
    `${WORDS.repeat(31)}\n2 + 2 = 4\n3 + ${name.length} = ${3 + name.length}\n`,
  ],
}));
