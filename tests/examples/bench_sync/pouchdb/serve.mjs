// Serves a CouchDB-like database with the documents of a file, one JSON object a line; prints its address when they are in.
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import express from 'express';
import expressPouchdb from 'express-pouchdb';
import PouchDB from 'pouchdb';

const [rowsFile, folder] = process.argv.slice(2);
const Database = PouchDB.defaults({ prefix: `${folder}/` });
const rows = new Database('rows');

let batch = [];
for await (const line of createInterface({ input: createReadStream(rowsFile) })) {
  batch.push(JSON.parse(line));
  if (batch.length === 5000) await rows.bulkDocs(batch.splice(0));
}
await rows.bulkDocs(batch);

const app = express();
app.use('/', expressPouchdb(Database, { inMemoryConfig: true, logPath: `${folder}/log.txt`, mode: 'minimumForPouchDB' }));
const listening = app.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${listening.address().port}/rows`));
process.stdin.on('end', () => process.exit()).resume();
