// The global that the application and its presentation may use in addition to those of the core: a microtask. Every
// browser and Node have it; a timer, a console or a Buffer does not compile here.
declare function queueMicrotask(action: () => void): void;
