/** Since when something has been so, without a break: a blink of it is nobody's business. */
export interface Since {
  /** For how long it has been so, in milliseconds of this machine's monotonic time; null where it is not so. */
  readonly lasts: (name: string, is: boolean) => number | null;
}

export function openSince(): Since {
  const since = new Map<string, number>();
  return {
    lasts(name, is) {
      if (!is) {
        since.delete(name);
        return null;
      }
      const now = performance.now();
      const began = since.get(name) ?? now;
      since.set(name, began);
      return now - began;
    },
  };
}
