/** Faults that a parser of one text found, as message and remedy of a problem. */

export interface Fault {
  readonly message: string;
  readonly remedy: string;
}

/**
 * Splits a parser's "what is wrong; write this" into message and remedy; where
 * the parser names no remedy, `otherwise` is it.
 */
export function splitRemedy(error: string, otherwise: string): Fault {
  const at = error.lastIndexOf('; ');
  const tail = at === -1 ? '' : error.slice(at + 2);
  if (/^(write|leave out) /.test(tail)) return { message: error.slice(0, at), remedy: tail };
  return { message: error, remedy: otherwise };
}

/** As `splitRemedy`, but tells a variable that nothing has filled in (Flux's `${X}`, Helm's `{{ .X }}`) from a bad text. */
export function explainFault(text: string, error: string, otherwise: string): Fault {
  if (!/\$\{[^}]*\}|\{\{[^}]*\}\}/.test(text.slice(0, 1000))) return splitRemedy(error, otherwise);
  return {
    message: 'holds a variable that nothing has filled in',
    remedy: 'have it substituted (Flux: postBuild) before it is applied, or write the value',
  };
}
