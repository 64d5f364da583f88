// Asks a running keystone for its projects, and prints how long the answers took.
//   npm test -- --url http://localhost:8080 --seconds 10 --connections 8

import minimist from "minimist";

const options = minimist(process.argv.slice(2), {
  default: { url: "http://localhost:8080", seconds: 10, connections: 8 },
});
const until = performance.now() + options.seconds * 1000;
const durations = [];
let failures = 0;

async function ask() {
  while (performance.now() < until) {
    const began = performance.now();
    const answer = await fetch(`${options.url}/projects`);
    await answer.arrayBuffer();
    durations.push(performance.now() - began);
    failures += answer.ok ? 0 : 1;
  }
}

await Promise.all(Array.from({ length: options.connections }, ask));
durations.sort((a, b) => a - b);
const within = (share) => durations[Math.ceil(durations.length * share) - 1].toFixed(1);
console.log(`${durations.length} requests, ${failures} failures`);
console.log(`half within ${within(0.5)} ms, 99 % within ${within(0.99)} ms`);
