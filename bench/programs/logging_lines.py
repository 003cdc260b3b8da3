"""logging: records that are formatted, and records below the level."""

import io
import logging


def run():
    stream = io.StringIO()
    logger = logging.getLogger("bench")
    logger.propagate = False
    logger.setLevel(logging.INFO)
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(levelname)s:%(name)s:%(message)s"))
    logger.addHandler(handler)
    for i in range(250):
        logger.info("number %d of %s", i, "many")
        logger.debug("not shown %d", i)
        logger.debug("not shown either")
    logger.removeHandler(handler)
    return len(stream.getvalue())


EXPECTED = 7390
