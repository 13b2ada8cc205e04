/** Share: haircut's ⌊t · v / b⌋ in doubles, exact for whole numbers up to 2^53 − 1, though the product has up to 106 bits. */

/** Up to here a quotient of whole numbers, rounded to the nearest double, has the right whole part. */
const small = 2 ** 52;
/** Veltkamp's: splits 53 bits into halves whose products are exact. */
const splitter = 2 ** 27 + 1;

/** `0 ≤ taint ≤ all`, `0 ≤ units ≤ all`, `all > 0`. */
export function share(taint: number, units: number, all: number): number {
  if (taint === 0 || units === 0) return 0;
  if (taint === all) return units;
  if (units === all) return taint;
  const product = taint * units;
  if (product <= small) return Math.floor(product / all);
  // Off by two at most; the exact remainder says by how much.
  let found = Math.floor(product / all);
  for (;;) {
    const back = found * all;
    // Dekker's two products. Both are near each other, so their difference has no rounding (Sterbenz), nor have their errors'.
    const rest = product - back + (under(taint, units, product) - under(found, all, back));
    if (rest < 0) found -= 1;
    else if (rest >= all) found += 1;
    else return found;
  }
}

/** What rounding took from a · b: exactly a · b − product. */
function under(a: number, b: number, product: number): number {
  const [wideA, wideB] = [a * splitter, b * splitter];
  const [highA, highB] = [wideA - (wideA - a), wideB - (wideB - b)];
  const [lowA, lowB] = [a - highA, b - highB];
  return lowA * lowB - (product - highA * highB - lowA * highB - highA * lowB);
}
