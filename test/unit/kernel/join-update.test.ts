import { describe, expect, it } from 'vitest';
import type { Kernel, Launch, Scalar, Store } from '../../../compiler/kernel/ir.js';
import { joinUpdate } from '../../../compiler/kernel/join-update.js';
import { at, load } from './fixture.js';

const apply = (op: 'add' | 'multiply', ...args: readonly Scalar[]): Scalar => ({ kind: 'apply', op, args });
const store = (buffer: string, index: Store['index'], value: Scalar): Store => ({
  buffer,
  index,
  value,
  partial: null,
});
const kernel = (name: string, domain: Kernel['domain'], ...stores: readonly Store[]): Kernel => ({
  kind: 'compute',
  name,
  domain,
  reductions: [],
  stores,
  origin: [name],
});

const row = [{ name: 'i', extent: 3 }];
const matrix = [
  { name: 'r', extent: 4 },
  { name: 'c', extent: 3 },
];
/** The gradients of a 4 × 3 matrix, which lies first, and of the 3 elements behind it and one of padding. */
const ofMatrix = kernel('of.matrix', matrix, store('gradient', at({ r: 3, c: 1 }), load('rows', { r: 1 })));
const ofRow = kernel('of.row', row, store('gradient', at({ i: 1 }, 13), load('columns', { i: 1 })));
const flat = [{ name: 'p', extent: 16 }];
const own = (buffer: string) => load(buffer, { p: 1 });
const momentum = apply('add', own('state'), own('gradient'));
const update = kernel(
  'update',
  flat,
  store('state', at({ p: 1 }), momentum),
  store('parameters', at({ p: 1 }), apply('add', own('parameters'), momentum)),
);

const stays = (buffer: string) => !buffer.startsWith('t');
const join = (...kernels: readonly Launch[]) => joinUpdate(kernels, stays, () => true);
const refused = (reason: RegExp | null) => ({
  kind: 'apart',
  reason: reason === null ? null : expect.stringMatching(reason),
});

describe('the work of an update', () => {
  it('is done by the kernels that make what it uses, which still store it', () => {
    const joining = join(ofMatrix, ofRow, update);
    const at13 = (buffer: string) => load(buffer, { i: 1 }, 13);
    const moved = apply('add', at13('state'), load('columns', { i: 1 }));
    expect(joining).toMatchObject({
      kind: 'joined',
      kernels: [
        { name: 'of.matrix.update', domain: matrix },
        {
          name: 'of.row.update',
          domain: row,
          stores: [
            ofRow.stores[0],
            store('state', at({ i: 1 }, 13), moved),
            store('parameters', at({ i: 1 }, 13), apply('add', at13('parameters'), moved)),
          ],
          origin: ['of.row', 'update, joined to what makes gradient'],
        },
      ],
    });
  });

  it('comes behind all that reads what it replaces', () => {
    const back = kernel('back', row, store('t', at({ i: 1 }), load('parameters', { i: 1 })));
    const last = { ...ofRow, stores: [{ ...ofRow.stores[0]!, value: load('t', { i: 1 }) }] };
    // The gradient of the matrix reads parameters that the one of the row replaces.
    const reader = {
      ...ofMatrix,
      stores: [{ ...ofMatrix.stores[0]!, value: load('parameters', { c: 1 }, 13) }],
    };
    const joining = join(back, reader, last, update);
    const names = joining.kind === 'joined' ? joining.kernels.map(({ name }) => name) : [];
    expect(names).toEqual(['back', 'of.matrix.update', 'of.row.update']);
    expect(join(back, last, reader, update)).toEqual(joining);
  });

  it('leaves in order what belongs in order: a kernel that needs what is made beside comes behind', () => {
    const beside = {
      ...ofRow,
      stores: [...ofRow.stores, store('t', at({ i: 1 }), load('columns', { i: 1 }))],
    };
    const user = kernel('user', row, store('u', at({ i: 1 }), load('t', { i: 1 })));
    const joining = join(ofMatrix, beside, user, update);
    const names = joining.kind === 'joined' ? joining.kernels.map(({ name }) => name) : [];
    expect(names).toEqual(['of.matrix.update', 'of.row.update', 'user']);
    const needy = kernel(
      'user',
      row,
      store('u', at({ i: 1 }), apply('add', load('t', { i: 1 }), load('parameters', { i: 1 }, 13))),
    );
    expect(join(ofMatrix, beside, needy, update)).toEqual(refused(/already be replaced/));
  });

  it('stays where makers need each other’s parameters, whichever is first', () => {
    const first = { ...ofMatrix, stores: [{ ...ofMatrix.stores[0]!, value: load('parameters', {}, 13) }] };
    const second = { ...ofRow, stores: [{ ...ofRow.stores[0]!, value: load('parameters', {}, 0) }] };
    expect(join(first, second, update)).toEqual(refused(/already be replaced/));
  });

  it('stays where a maker reads what it would itself replace elsewhere', () => {
    const self = { ...ofMatrix, stores: [{ ...ofMatrix.stores[0]!, value: load('parameters', { c: 1 }) }] };
    expect(join(self, ofRow, update)).toEqual(refused(/already be replaced/));
  });

  const norm = kernel('norm', [], store('t', at({}), load('gradient', {})));
  const scaled = {
    ...update,
    stores: [store('parameters', at({ p: 1 }), apply('multiply', own('gradient'), load('parameters', {})))],
  };
  const twice = kernel('twice', row, store('gradient', at({ i: 1 }, 11), load('columns', { i: 1 })));
  const gaps = kernel('gaps', row, store('gradient', at({ i: 2 }), load('columns', { i: 1 })));
  const tiles = {
    ...ofRow,
    stores: [{ ...ofRow.stores[0]!, partial: { combine: 'sum' as const, tile: 3 } }],
  };
  const beyond = kernel('beyond', row, store('gradient', at({ i: 1 }, 14), load('columns', { i: 1 })));

  it.each([
    ['needs all first', [ofMatrix, norm, update], /norm needs gradient first/],
    ['is not of one element each', [ofMatrix, scaled], /more of gradient than one element/],
    ['uses what is made twice', [ofMatrix, twice, update], /not made element by element/],
    ['uses what is made here and there', [gaps, update], /not made element by element/],
    ['uses sums of tiles', [tiles, update], /not made element by element/],
    ['does not reach all that is made', [beyond, update], /not made element by element/],
  ])('stays where it %s', (_, kernels, reason) => {
    expect(join(...kernels)).toEqual(refused(reason));
  });

  it('stays where a kernel would outgrow the device', () => {
    const small = (each: Kernel) => !each.name.startsWith('of.row');
    expect(joinUpdate([ofMatrix, ofRow, update], stays, small)).toEqual(
      refused(/of\.row\.update would bind too many/),
    );
  });

  it('is nothing where the last kernel uses only temporary arrays, or nothing that others make', () => {
    const temporary = kernel('t', row, store('t', at({ i: 1 }), load('columns', { i: 1 })));
    const reader = kernel('out', row, store('out', at({ i: 1 }), load('t', { i: 1 })));
    expect(join(temporary, reader)).toEqual(refused(null));
    expect(join(ofRow, temporary)).toEqual(refused(null));
    expect(join()).toEqual(refused(null));
  });
});
