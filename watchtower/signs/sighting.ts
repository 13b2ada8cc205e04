/** Sighting: what one sign has found, so far without its name. Each `key` is told once for each `once`, and once more when it is over. */
export interface Sighting {
  readonly key: string;
  readonly once: string;
  readonly fields: { readonly [name: string]: unknown };
}
