// What the application and its presentation may take from their surroundings beside what the core may: a microtask. Every
// browser and Node have it; a timer, a console or a Buffer does not compile here.
declare function queueMicrotask(action: () => void): void;
