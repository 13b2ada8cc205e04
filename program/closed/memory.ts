/**
 * Imported first by every process that holds a key, so that whatever else is loaded finds the way to native code shut again.
 * Nothing is awaited: a module that awaits is overtaken by those that are imported after it.
 */
import { closeMemory } from './close.ts';

closeMemory('given up');
