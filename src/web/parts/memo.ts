// A part that is drawn again only if one of its properties is another one.

import { Component, type ComponentChild, type ComponentType, createElement, type FunctionComponent } from "preact";

export function memo<Props extends object>(Part: FunctionComponent<Props>): ComponentType<Props> {
  return class extends Component<Props> {
    override shouldComponentUpdate(next: Readonly<Props>): boolean {
      const before = Object.entries(this.props);
      const after = new Map<string, unknown>(Object.entries(next));
      return before.length !== after.size || before.some(([name, value]) => after.get(name) !== value);
    }

    render(): ComponentChild {
      return createElement(Part, this.props);
    }
  };
}
