/** Messages of parsers that end in what to write instead. */

/**
 * Splits "what is wrong; write this" into message and remedy; where the text
 * names no remedy, `otherwise` is it.
 */
export function splitRemedy(text: string, otherwise: string): { readonly message: string; readonly remedy: string } {
  const at = text.lastIndexOf('; ');
  const tail = at === -1 ? '' : text.slice(at + 2);
  if (/^(write|leave out) /.test(tail)) return { message: text.slice(0, at), remedy: tail };
  return { message: text, remedy: otherwise };
}
