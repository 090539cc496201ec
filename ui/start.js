// Loads the interface; a file of its own, because the content security policy allows no script inside the page.
import start from "./web.js";

await start();
