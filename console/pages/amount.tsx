/** Amount: digits in groups, what stands behind the point quieter, the unit last. */
export function Amount({ value, symbol }: { readonly value: string; readonly symbol?: string }) {
  const [whole = '0', fraction] = value.split('.');
  return (
    <span className="amount">
      {whole.replace(/\B(?=(?:\d{3})+$)/g, ',')}
      {fraction === undefined ? null : <span className="fraction">.{fraction}</span>}
      {symbol === undefined ? null : <span className="symbol">{symbol}</span>}
    </span>
  );
}
