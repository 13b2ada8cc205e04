/** Paper: pages to print, as PDF and HTML: one share, the list of envelopes, a wallet's public part. It has no power: values in, bytes out. */
export { htmlOf } from './html.ts';
export { printed } from './print.ts';
export { safeSheet } from './safe-sheet.ts';
export { shareSheet, type KeyOnPaper } from './share-sheet.ts';
export { paperSizes, type PaperSize, type Sheet } from './sheet.ts';
export { walletSheet, type WalletOnPaper } from './wallet-sheet.ts';
