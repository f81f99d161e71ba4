/** A moment as RFC 3339 in whole seconds, the form of image configurations and bills of materials. */
export function dateTime(moment: Date): string {
  return moment.toISOString().replace(/\.\d+Z$/, 'Z');
}
