/** A mosaic's name; NIS MosaicId. */
export interface MosaicId {
  readonly namespaceId: string;
  readonly name: string;
}

/** Some units of a mosaic, in its smallest unit, before the transfer's `amount` multiplies them. */
export interface Mosaic {
  readonly id: MosaicId;
  readonly quantity: bigint;
}

/** What the minimum fee depends on. Supply in whole units, not in smallest ones. */
export interface MosaicProperties {
  readonly supply: bigint;
  /** Decimal places, 0 to 6. */
  readonly divisibility: number;
}

/** XEM itself, when it travels as a mosaic. */
export const xemMosaic: MosaicId = { namespaceId: 'nem', name: 'xem' };
/** NIS MosaicConstants.MOSAIC_DEFINITION_XEM. */
export const xemProperties: MosaicProperties = { supply: 8_999_999_999n, divisibility: 6 };
/** No more smallest units of any mosaic can exist; NIS MosaicConstants.MAX_QUANTITY. */
export const maxQuantity = 9_000_000_000_000_000n;

// NIS NamespaceIdPart, NamespaceId and MosaicId. NIS cuts any string it reads at 128 characters, so a
// longer namespace never verifies.
const part = /^[a-z0-9][a-z0-9_-]*$/;
const name = /^[a-z0-9][a-z0-9'_-]*( [a-z0-9'_-]+)*$/;
const [maxRoot, maxSublevel, maxDepth, maxNamespace, maxName] = [16, 64, 3, 128, 32];

/** Whether NIS would take the name. Says nothing about whether the mosaic exists. */
export function isMosaicId(id: MosaicId): boolean {
  const parts = id.namespaceId.split('.');
  return (
    id.namespaceId.length <= maxNamespace &&
    parts.length <= maxDepth &&
    parts.every((text, level) => part.test(text) && text.length <= (level === 0 ? maxRoot : maxSublevel)) &&
    id.name.length <= maxName &&
    name.test(id.name)
  );
}

/** The text form `namespace:name`, which is also the one NIS sorts by. One id has one text. */
export function formatMosaicId(id: MosaicId): string {
  return `${id.namespaceId}:${id.name}`;
}

/** Reads `namespace:name`; undefined if it is no mosaic's name. */
export function parseMosaicId(text: string): MosaicId | undefined {
  const [namespaceId, mosaicName, ...rest] = text.split(':');
  if (namespaceId === undefined || mosaicName === undefined || rest.length > 0) return undefined;
  const id = { namespaceId, name: mosaicName };
  return isMosaicId(id) ? id : undefined;
}

/**
 * The order in which a transfer must carry its mosaics: the texts compared as strings, as NIS
 * TransferTransactionAttachment.getMosaics does, so `abc.sub:coin` stands before `abc:coin`.
 */
export function compareMosaicIds(left: MosaicId, right: MosaicId): number {
  const [a, b] = [formatMosaicId(left), formatMosaicId(right)];
  return a < b ? -1 : Number(a > b);
}
