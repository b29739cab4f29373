// @ts-check
/**
 * A shader without comments, indentation, and spaces that part no tokens; lines keep their numbers, which errors name.
 * @param {string} text
 */
export function leanShader(text) {
  return text
    .replace(/\/\/.*$/gm, '')
    .replace(/^[ \t]+|[ \t]+$/gm, '')
    .replace(/ ?([,;:(){}]) ?/g, '$1')
    .replace(/ ?-> ?/g, '->')
    .replace(/([\w\])]) ([-+*/&|]?=|[-+*/]|[<>=!]=|&&|\|\|) (?=[\w(])/g, '$1$2');
}
