"""Decodes events with the published .proto files, which are compiled by protoc when this starts.

Newer files only add: events that were written years ago are decoded with today's.
"""

import pathlib
import subprocess
import tempfile

from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory


class UnknownEvent(Exception):
    """An event whose message stands in none of the .proto files: get newer ones."""


class Schemas:
    def __init__(self, root: pathlib.Path):
        """`root` is the folder that the imports inside the .proto files are relative to; the files
        are schemas/*/v*/*.proto below it.
        """
        files = sorted(str(file.relative_to(root)) for file in root.glob("schemas/*/v*/*.proto"))
        if not files:
            raise FileNotFoundError(f"no schemas/*/v*/*.proto below {root}")
        self._pool = descriptor_pool.DescriptorPool()
        with tempfile.NamedTemporaryFile() as compiled:
            subprocess.run(
                [
                    "protoc",
                    f"--proto_path={root}",
                    "--include_imports",
                    f"--descriptor_set_out={compiled.name}",
                    *files,
                ],
                check=True,
            )
            described = descriptor_pb2.FileDescriptorSet.FromString(compiled.read())
        for file in described.file:
            self._pool.Add(file)
        self._factory = message_factory.MessageFactory(self._pool)

    def decode(self, message: str, data: bytes) -> dict:
        """The event in the JSON form that Protobuf defines, with the fields' own names. `message`
        is a full name, such as skald.order.v1.Placed.
        """
        try:
            kind = self._factory.GetPrototype(self._pool.FindMessageTypeByName(message))
        except KeyError:
            raise UnknownEvent(f"no .proto file knows {message}") from None
        return json_format.MessageToDict(kind.FromString(data), preserving_proto_field_name=True)
