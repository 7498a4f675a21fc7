import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readDay } from '../../load-tests/days/index.ts';
import { messageOf } from '../../runtime/index.ts';

/** An instance that can be run. */
export interface FoundInstance {
  readonly directory: string;
  readonly orders: number;
}

export interface InstanceSearch {
  /** Those with the most orders first, so that the last to end is a short one. */
  readonly instances: readonly FoundInstance[];
  /** A sentence for each folder that should be an instance and cannot be read as one. */
  readonly unreadable: readonly string[];
}

/** How far below the given folder instances may lie. */
const DEPTH_MAX = 4;
const DAY_FILES = new Set([
  'orders.txt',
  'restaurants.txt',
  'couriers.txt',
  'instance_parameters.txt',
]);

/**
 * Reads every instance below a folder once, before hours are spent on the others.
 * @throws Error when the folder itself cannot be read
 */
export async function findInstances(root: string): Promise<InstanceSearch> {
  const { folders, unreadable } = await foldersBelow(root, 0);
  const instances: FoundInstance[] = [];
  for (const directory of folders) {
    try {
      const { orders } = await readDay(directory);
      if (orders.length === 0) throw new Error('orders.txt: has no orders');
      instances.push({ directory, orders: orders.length });
    } catch (error) {
      unreadable.push(`${directory}: ${messageOf(error)}`);
    }
  }
  instances.sort((a, b) => b.orders - a.orders || (a.directory < b.directory ? -1 : 1));
  return { instances, unreadable };
}

/** Folders that hold files of a day; a folder right below the root that holds nothing of use, too. */
async function foldersBelow(
  directory: string,
  depth: number,
): Promise<{ folders: string[]; unreadable: string[] }> {
  const entries = await readdir(directory, { withFileTypes: true });
  if (entries.some((entry) => DAY_FILES.has(entry.name))) {
    return { folders: [directory], unreadable: [] };
  }
  const below = entries
    .filter((entry) => !entry.isFile() && !entry.name.startsWith('.'))
    .map((entry) => join(directory, entry.name));
  const folders: string[] = [];
  const unreadable: string[] = [];
  if (depth === 1 && below.length === 0) folders.push(directory);
  if (depth === DEPTH_MAX) return { folders, unreadable };
  for (const folder of below) {
    try {
      const found = await foldersBelow(folder, depth + 1);
      folders.push(...found.folders);
      unreadable.push(...found.unreadable);
    } catch (error) {
      unreadable.push(`${folder}: ${messageOf(error)}`);
    }
  }
  return { folders, unreadable };
}
