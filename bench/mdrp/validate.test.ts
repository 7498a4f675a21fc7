import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { generateDay, type Day } from '../../load-tests/days/index.ts';
import { simulateDay } from './simulate.ts';
import { readSolution, solutionOf, writeSolution, type Solution } from './solution-files.ts';
import { validate } from './validate.ts';

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hexfleet validate '));
});
afterAll(() => rm(directory, { recursive: true }));

test.each(['nearest', 'scored', 'optimal'] as const)(
  'what the simulator does with %s breaks no rule, read back from its files',
  async (strategy) => {
    // Couriers enough that no order is brought after the maximum.
    const recipe = { seed: 5, orders: 60, restaurants: 6, couriers: 14, sizeMeters: 6_000 };
    const day = generateDay(recipe);
    const run = simulateDay(day, { strategy, seed: 1 });
    await writeSolution(join(directory, strategy), solutionOf(day, run));
    const solution = await readSolution(join(directory, strategy));
    expect(solution.deliveries.length).toBeGreaterThan(50);
    expect(validate(day, solution)).toEqual([]);
  },
);

/** 100 metres are a minute, and half a service two. Nobody brings o5. */
const DAY: Day = {
  restaurants: [
    { restaurantId: 'r1', x: 0, y: 0 },
    { restaurantId: 'r2', x: 1_000, y: 0 },
  ],
  couriers: [
    { courierId: 'c1', x: 0, y: 500, onAtMinute: 600, offAtMinute: 720 },
    { courierId: 'c2', x: 1_000, y: 500, onAtMinute: 608, offAtMinute: 620 },
  ],
  orders: [
    { orderId: 'o1', restaurantId: 'r1', x: 0, y: 1_000, placedAtMinute: 600, readyAtMinute: 610 },
    { orderId: 'o2', restaurantId: 'r1', x: 0, y: 1_300, placedAtMinute: 602, readyAtMinute: 612 },
    { orderId: 'o3', restaurantId: 'r2', x: 999, y: 950, placedAtMinute: 605, readyAtMinute: 620 },
    { orderId: 'o4', restaurantId: 'r2', x: 600, y: 300, placedAtMinute: 630, readyAtMinute: 645 },
    { orderId: 'o5', restaurantId: 'r1', x: 500, y: 0, placedAtMinute: 700, readyAtMinute: 710 },
  ],
  terms: {
    metersPerMinute: 100,
    pickupServiceMinutes: 4,
    dropoffServiceMinutes: 4,
    targetClickToDoorMinutes: 40,
    maximumClickToDoorMinutes: 90,
    payPerOrder: 10,
    guaranteedPayPerHour: 15,
  },
};

/** Feasible, worked out by hand: the lines of the three files. */
const ASSIGNMENTS = ['604 612 c1 o1 o2', '612 620 c2 o3', '640 659 c1 o4'];
const DELIVERIES = [
  'o1 600 610 612 626 c1',
  'o2 602 612 612 633 c1',
  'o3 605 620 620 634 c2',
  'o4 630 645 659 668 c1',
];
const MOVES = [
  'c1 604 0 r1',
  'c1 614 r1 o1',
  'c1 628 o1 o2',
  'c1 640 o2 r2',
  'c1 661 r2 o4',
  'c2 612 0 r2',
  'c2 622 r2 o3',
];

/** Lines by what stands there instead; nothing, one line, or several. */
type Edits = Readonly<Record<string, string>>;

function edited(edits: Edits): Solution {
  const missing = new Set(Object.keys(edits));
  const fieldsOf = (lines: readonly string[]): string[][] =>
    lines.flatMap((line) => {
      missing.delete(line);
      const instead = edits[line] ?? line;
      return instead === '' ? [] : instead.split('\n').map((text) => text.split(' '));
    });
  const solution = {
    assignments: fieldsOf(ASSIGNMENTS).map(([at, picked, courierId = '', ...orderIds]) => ({
      assignedAtMinute: Number(at),
      pickedUpAtMinute: Number(picked),
      courierId,
      orderIds,
    })),
    deliveries: fieldsOf(DELIVERIES).map(([orderId = '', placed, ready, picked, dropped, by]) => ({
      orderId,
      placedAtMinute: Number(placed),
      readyAtMinute: Number(ready),
      pickedUpAtMinute: Number(picked),
      droppedOffAtMinute: Number(dropped),
      courierId: by ?? '',
    })),
    moves: fieldsOf(MOVES).map(([courierId = '', departed, origin = '', destination = '']) => ({
      courierId,
      departedAtMinute: Number(departed),
      origin,
      destination,
    })),
  };
  expect([...missing], 'lines to edit that are not there').toEqual([]);
  return solution;
}

test.each<[string, Edits]>([
  ['a pickup when the shift ends, a drop-off after it, an order that nobody brings', {}],
  [
    'a drop-off after the maximum, which the figures count in full',
    {
      '640 659 c1 o4': '640 712 c1 o4',
      'o4 630 645 659 668 c1': 'o4 630 645 712 721 c1',
      'c1 661 r2 o4': 'c1 714 r2 o4',
    },
  ],
  ['an assignment that waits before it is begun', { '612 620 c2 o3': '608 620 c2 o3' }],
])('%s is allowed', (_, edits) => {
  expect(validate(DAY, edited(edits))).toEqual([]);
});

const UNKNOWN: [string, Edits, string][] = [
  [
    'a courier of an assignment',
    { '612 620 c2 o3': '612 620 c9 o3' },
    'The assignment at 612: courier c9 is not in the instance',
  ],
  [
    'an order of an assignment',
    { '612 620 c2 o3': '612 620 c2 o9' },
    'The assignment of c2: order o9 is not in the instance',
  ],
  [
    'an order that is delivered',
    { 'o3 605 620 620 634 c2': 'o9 605 620 620 634 c2' },
    'A delivery by c2: order o9 is not in the instance',
  ],
  [
    'a courier of a delivery',
    { 'o3 605 620 620 634 c2': 'o3 605 620 620 634 c9' },
    'The delivery of o3: courier c9 is not in the instance',
  ],
  [
    'a courier of a move',
    { 'c2 612 0 r2': 'c9 612 0 r2' },
    'The move at 612: courier c9 is not in the instance',
  ],
  [
    'an origin',
    { 'c2 622 r2 o3': 'c2 622 r9 o3' },
    'The move at 622 of c2: origin r9 is not in the instance',
  ],
  [
    'a destination',
    { 'c2 622 r2 o3': 'c2 622 r2 o9' },
    'The move at 622 of c2: destination o9 is not in the instance',
  ],
];
test.each(UNKNOWN)('%s that the instance does not have is found', (_, edits, violation) => {
  expect(validate(DAY, edited(edits))).toContain(violation);
});

const BUNDLES: [string, Edits, string[]][] = [
  [
    'a bundle from two restaurants',
    {
      '604 612 c1 o1 o2': '605 620 c1 o1 o2 o3',
      '612 620 c2 o3': '',
      'c2 612 0 r2': '',
      'c2 622 r2 o3': '',
      'o1 600 610 612 626 c1': 'o1 600 610 620 634 c1',
      'o2 602 612 612 633 c1': 'o2 602 612 620 641 c1',
      'o3 605 620 620 634 c2': 'o3 605 620 620 656 c1',
      'c1 604 0 r1': 'c1 605 0 r1',
      'c1 614 r1 o1': 'c1 622 r1 o1',
      'c1 628 o1 o2': 'c1 636 o1 o2\nc1 643 o2 o3',
      'c1 640 o2 r2': 'c1 660 o3 r2',
      '640 659 c1 o4': '660 672 c1 o4',
      'o4 630 645 659 668 c1': 'o4 630 645 672 681 c1',
      'c1 661 r2 o4': 'c1 674 r2 o4',
    },
    ['o1, o2 and o3 are one bundle of c1 at 620, but come from r1 and r2'],
  ],
  [
    'an order in two assignments',
    {
      '640 659 c1 o4': '640 659 c1 o4 o3',
      'c1 661 r2 o4': 'c1 661 r2 o4\nc1 670 o4 o3',
    },
    [
      'o3 is assigned again at 640, to c1',
      'o3 is assigned to c1 and delivered by c2',
      'o3 is picked up at 659 by the assignments and at 620 by the orders',
      'o3 is dropped off at 634, but c1 arrives there at 678 and needs 2 minutes: 680',
    ],
  ],
  [
    'an assignment before the placement',
    { '604 612 c1 o1 o2': '601 612 c1 o1 o2' },
    ['o2 is assigned at 601, before it is placed at 602'],
  ],
  [
    'a pickup before the food is ready',
    {
      '604 612 c1 o1 o2': '604 611 c1 o1 o2',
      'o1 600 610 612 626 c1': 'o1 600 610 611 625 c1',
      'o2 602 612 612 633 c1': 'o2 602 612 611 632 c1',
      'c1 614 r1 o1': 'c1 613 r1 o1',
      'c1 628 o1 o2': 'c1 627 o1 o2',
    },
    ['o2 is picked up at 611, before it is ready at 612'],
  ],
];

const FILES_DISAGREE: [string, Edits, string[]][] = [
  [
    'an order that is delivered twice',
    { 'o4 630 645 659 668 c1': 'o4 630 645 659 668 c1\no4 630 645 659 668 c1' },
    ['o4 is delivered more than once'],
  ],
  [
    'an assignment without a delivery',
    { 'o4 630 645 659 668 c1': '' },
    ['o4 is assigned and never delivered'],
  ],
  [
    'a delivery without an assignment',
    { 'o4 630 645 659 668 c1': 'o4 630 645 659 668 c1\no5 700 710 712 721 c1' },
    ['o5 is delivered by c1 without an assignment'],
  ],
  [
    'a delivery without an assignment, to which a courier drives',
    { '640 659 c1 o4': '' },
    [
      'o4 is delivered by c1 without an assignment',
      'c1 leaves for r2 at 640 without an assignment',
      'c1 leaves for o4 at 661 without an assignment',
    ],
  ],
  [
    'a delivery by another courier',
    { 'o3 605 620 620 634 c2': 'o3 605 620 620 634 c1' },
    ['o3 is assigned to c2 and delivered by c1'],
  ],
  [
    'pickup times that differ between the files',
    { 'o4 630 645 659 668 c1': 'o4 630 645 650 668 c1' },
    ['o4 is picked up at 659 by the assignments and at 650 by the orders'],
  ],
  [
    'moves of a courier that do not stand together',
    { 'c1 661 r2 o4': '', 'c2 622 r2 o3': 'c2 622 r2 o3\nc1 661 r2 o4' },
    ["The move of c1 at 661 does not stand with the courier's others"],
  ],
  [
    'another placement time than the instance has',
    { 'o4 630 645 659 668 c1': 'o4 640 645 659 668 c1' },
    ['o4 is placed at 630, not at 640'],
  ],
  [
    'another ready time than the instance has',
    { 'o4 630 645 659 668 c1': 'o4 630 650 659 668 c1' },
    ['o4 is ready at 645, not at 650'],
  ],
];

const TIMES: [string, Edits, string[]][] = [
  [
    'an instruction to a courier whose shift has not begun',
    { '612 620 c2 o3': '607 620 c2 o3' },
    ['c2 is given o3 at 607, but is not idle before 608 (the shift begins)'],
  ],
  [
    'a departure before the shift begins',
    { '612 620 c2 o3': '607 620 c2 o3', 'c2 612 0 r2': 'c2 607 0 r2' },
    [
      'c2 is given o3 at 607, but is not idle before 608 (the shift begins)',
      'c2 leaves for r2 at 607, before 608 (the shift begins)',
    ],
  ],
  [
    'an instruction to a courier who is not idle',
    { '640 659 c1 o4': '634 659 c1 o4' },
    ['c1 is given o4 at 634, but is not idle before 635 (the service at o2 ends)'],
  ],
  [
    'a service cut short at the last door',
    {
      '640 659 c1 o4': '633 659 c1 o4',
      'c1 640 o2 r2': 'c1 633 o2 r2',
    },
    [
      'c1 is given o4 at 633, but is not idle before 635 (the service at o2 ends)',
      'c1 leaves for r2 at 633, before 635 (the service at o2 ends)',
    ],
  ],
  [
    'a departure before the assignment',
    { 'c1 640 o2 r2': 'c1 639 o2 r2' },
    ['c1 leaves for r2 at 639, before the assignment at 640'],
  ],
  [
    'a pickup after the shift',
    {
      '612 620 c2 o3': '612 621 c2 o3',
      'o3 605 620 620 634 c2': 'o3 605 620 621 635 c2',
      'c2 622 r2 o3': 'c2 623 r2 o3',
    },
    ["c2 picks up o3 at 621, after the shift's end at 620"],
  ],
  [
    'a pickup sooner after the arrival than half a service',
    {
      '640 659 c1 o4': '640 658 c1 o4',
      'o4 630 645 659 668 c1': 'o4 630 645 658 667 c1',
      'c1 661 r2 o4': 'c1 660 r2 o4',
    },
    ['c1 picks up o4 at 658, but arrives at r2 at 657 and needs 2 minutes there'],
  ],
  [
    'a service cut short at the restaurant',
    { 'o4 630 645 659 668 c1': 'o4 630 645 659 666 c1', 'c1 661 r2 o4': 'c1 659 r2 o4' },
    ['c1 leaves r2 for o4 at 659, but the service at r2 ends at 661'],
  ],
  [
    'a service cut short between two doors',
    {
      'o2 602 612 612 633 c1': 'o2 602 612 612 631 c1',
      'c1 628 o1 o2': 'c1 626 o1 o2',
    },
    ['c1 leaves o1 for o2 at 626, but the service at o1 ends at 628'],
  ],
  [
    'a rest on the way to a door',
    { 'o4 630 645 659 668 c1': 'o4 630 645 659 669 c1', 'c1 661 r2 o4': 'c1 662 r2 o4' },
    ['c1 leaves r2 for o4 at 662, but the service at r2 ends at 661'],
  ],
  [
    'a drop-off on arrival',
    { 'o4 630 645 659 668 c1': 'o4 630 645 659 666 c1' },
    ['o4 is dropped off at 666, but c1 arrives there at 666 and needs 2 minutes: 668'],
  ],
];

const PLACES: [string, Edits, string[]][] = [
  [
    'a courier at another restaurant',
    { 'c2 612 0 r2': 'c2 612 0 r1' },
    [
      'c2 must be at r2 for the pickup of o3 at 620, ' +
        'but goes from the on-location to r1 at 612',
    ],
  ],
  [
    'a courier who does not come to the restaurant',
    { 'c2 612 0 r2': '', 'c2 622 r2 o3': '' },
    ['c2 must be at r2 for the pickup of o3 at 620, but stays at the on-location'],
  ],
  [
    'a courier who does not come to the door',
    { 'c1 661 r2 o4': '' },
    ['c1 must be at o4 for the drop-off of o4 at 668, but stays at r2'],
  ],
  [
    'doors in another sequence',
    { '604 612 c1 o1 o2': '604 612 c1 o2 o1' },
    ['c1 must be at o2 for the drop-off of o2 at 633, but goes from r1 to o1 at 614'],
  ],
  [
    'a move that starts where the courier is not',
    { 'c1 661 r2 o4': 'c1 661 r1 o4' },
    ['c1 leaves r1 for o4 at 661, but is at r2'],
  ],
  [
    'a move for nothing',
    { 'c1 661 r2 o4': 'c1 661 r2 o4\nc1 670 o4 r1' },
    ['c1 leaves for r1 at 670 without an assignment'],
  ],
];

test.each([...BUNDLES, ...FILES_DISAGREE, ...TIMES, ...PLACES])(
  '%s is found, and nothing else',
  (_, edits, violations) => {
    const found = validate(DAY, edited(edits));
    expect(found.toSorted()).toEqual(violations.toSorted());
  },
);
