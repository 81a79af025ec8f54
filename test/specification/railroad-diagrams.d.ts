declare module '@prantlf/railroad-diagrams' {
  export class Item {
    toString(): string;
  }
  type Child = Item | string;
  export class Terminal extends Item {
    constructor(text: string);
  }
  export class NonTerminal extends Item {
    constructor(text: string);
  }
  export class Skip extends Item {}
  export class Sequence extends Item {
    constructor(...items: readonly Child[]);
  }
  export class Stack extends Item {
    constructor(...items: readonly Child[]);
  }
  export class Choice extends Item {
    constructor(normal: number, ...items: readonly Child[]);
  }
  export class Optional extends Item {
    constructor(item: Child);
  }
  export class OneOrMore extends Item {
    constructor(item: Child, separator?: Child);
  }
  export class ZeroOrMore extends Item {
    constructor(item: Child, separator?: Child);
  }
  export class Diagram extends Item {
    constructor(...items: readonly Child[]);
  }
}
