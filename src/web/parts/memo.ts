// A part that is drawn again only if one of its properties is another one.

import { Component, type ComponentChild, type ComponentType, createElement, type FunctionComponent } from "preact";

export function memo<Props extends object>(Part: FunctionComponent<Props>): ComponentType<Props> {
  return class extends Component<Props> {
    override shouldComponentUpdate(next: Readonly<Props>): boolean {
      const before = Object.entries(this.props);
      return before.length !== Object.keys(next).length || before.some(([name, value]) => get(next, name) !== value);
    }

    render(): ComponentChild {
      return createElement(Part, this.props);
    }
  };
}

function get(props: object, name: string): unknown {
  return (props as Readonly<Record<string, unknown>>)[name];
}
