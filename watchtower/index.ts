/** The watchtower: started as a process; imported only by its own tests and the sandbox. */
export { openArchive, type Archive } from './archive.ts';
export { openFreezer, type Freezer } from './frozen.ts';
export { startTower, type Tower } from './tower.ts';
export type { TowerParts } from './tower-parts.ts';
