// The MDN HTTP Observatory's own tests, run on generated answers: one JSON object a line in, one a line out.
//
// usage: node observatory.mjs FOLDER-OF-THE-PACKAGE < sites > results
import { pathToFileURL } from "node:url";
import { createInterface } from "node:readline";
import path from "node:path";
import { createRequire } from "node:module";

const folder = path.resolve(process.argv[2]);
const load = (file) => import(pathToFileURL(path.join(folder, file)).href);
const require = createRequire(pathToFileURL(path.join(folder, "package.json")));
const { AxiosHeaders } = require("axios");
const { CookieJar } = require("tough-cookie");
const { Requests } = await load("src/types.js");
const { ALL_TESTS } = await load("src/constants.js");
const { getScoreModifier, getGradeForScore } = await load("src/grader/grader.js");
const { MINIMUM_SCORE_FOR_EXTRA_CREDIT } = await load("src/grader/charts.js");
const { parseHttpEquivHeaders } = await load("src/retriever/utils.js");

const TYPES = new Set(["text/html", "application/xhtml+xml"]);

function response(given, request = {}) {
  if (!given) return null;
  const headers = new AxiosHeaders();
  for (const [name, value] of given.headers) {
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : [].concat(before, value));
  }
  return { headers, status: given.status, verified: given.verified, request: { headers: request } };
}

function requests(site) {
  const found = new Requests(site.hostname);
  found.responses.http = response(site.http);
  found.responses.https = response(site.https);
  found.responses.auto = found.responses.https ?? found.responses.http;
  found.responses.cors = response(site.preflight, { origin: site.origin });
  found.responses.httpRedirects = site.route.map(({ url, status }) => ({ url: new URL(url), status }));
  found.resources.path = site.body;
  const jar = new CookieJar();
  for (const { url, header } of site.cookies) {
    try {
      jar.setCookieSync(header, url, { ignoreError: true });
    } catch {
      // A browser would not keep it either.
    }
  }
  found.session = { url: new URL(`${site.https ? "https" : "http"}://${site.hostname}/`), jar };
  const auto = found.responses.auto;
  if (auto) {
    const type = String(auto.headers["content-type"] ?? "").split(";")[0];
    auto.httpEquiv = TYPES.has(type) && site.body ? parseHttpEquivHeaders(site.body, found.session.url.href) : new Map();
  }
  return found;
}

function judged(site) {
  const results = {};
  const failed = [];
  let plain = 100;
  let full = 100;
  for (const test of ALL_TESTS) {
    const output = test(requests(site));
    const name = output.constructor.name;
    results[name] = output.result;
    if (!output.pass) failed.push(name);
    const points = getScoreModifier(output.result);
    full += points;
    plain += Math.min(points, 0);
  }
  const { score, grade } = getGradeForScore(plain >= MINIMUM_SCORE_FOR_EXTRA_CREDIT ? full : plain);
  return { results, failed: failed.sort(), score, grade };
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(judged(JSON.parse(line))));
}
