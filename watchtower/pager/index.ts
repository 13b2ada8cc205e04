/** The pager's journal, for whoever reports on an incident. The pager itself is started as a process. */
export { readPages, type Pages } from './read-pages.ts';
