/** Whether two trees, or lists of them, are the same but for where they stand in their texts. */
export function sameTree(left: unknown, right: unknown): boolean {
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) {
    return Object.is(left, right);
  }
  const fields = Object.entries(left).filter(([field]) => !isPlace(field));
  const others = Object.entries(right).filter(([field]) => !isPlace(field));
  return (
    fields.length === others.length &&
    fields.every(([field, value]) => sameTree(value, (right as Record<string, unknown>)[field]))
  );
}

const isPlace = (field: string): boolean => field === 'span' || field === 'pathSpan' || field === 'source';
