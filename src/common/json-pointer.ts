/** Longest pointer an error names; a longer one ends at the last ancestor that fits. */
const POINTER_LENGTH_MAX = 512;

/**
 * JSON Pointer (RFC 6901) of a path of keys and indexes: `~` and `/` are escaped, the root is the empty text. A path
 * too long to print points at its nearest ancestor that is not.
 */
export function jsonPointer(path: readonly (string | number)[]): string {
  let pointer = '';
  for (const segment of path) {
    const next = `${pointer}/${String(segment).replaceAll('~', '~0').replaceAll('/', '~1')}`;
    if (next.length > POINTER_LENGTH_MAX) break;
    pointer = next;
  }
  return pointer;
}
