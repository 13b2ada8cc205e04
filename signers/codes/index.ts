/** Codes: QR codes that stand still or move, as wallets show and read them (Blockchain Commons' UR). It has no power: text in, bytes out. */
export { tellFrame, toldKnown } from './flaw.ts';
export { urTypes, type UrType } from './frame.ts';
export { framesOf } from './frames.ts';
export { movingPage } from './moving.ts';
export { isForeign, isPicture, readPicture, toldPicture } from './picture.ts';
export { reader, type Step } from './reader.ts';
export { textIn, textsIn } from './squares.ts';
