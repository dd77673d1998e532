import { dataFilters } from './data_filters.ts';
import { encodingFilters } from './encoding_filters.ts';
import { listFilters } from './list_filters.ts';
import { mapFilters } from './map_filters.ts';
import { refusedFilters } from './refused_filters.ts';
import { setFilters } from './set_filters.ts';
import { textFilters } from './text_filters.ts';
import type { Filter } from './tools.ts';
import { typeFilters } from './type_filters.ts';

/** All filters by name, those that are there only to say why they are not, too. */
export const filters: ReadonlyMap<string, Filter> = new Map(
  [
    typeFilters,
    textFilters,
    listFilters,
    setFilters,
    mapFilters,
    dataFilters,
    encodingFilters,
    refusedFilters,
  ].flatMap((each) => Object.entries(each)),
);

/** The names of the filters that work. */
export function filterNames(): readonly string[] {
  return [...filters.keys()].filter((name) => !Object.hasOwn(refusedFilters, name)).sort();
}
