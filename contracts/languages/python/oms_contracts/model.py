"""What every model of an event has in common."""

from typing import Self

from pydantic import BaseModel, model_validator


class Model(BaseModel):
    """In an event an optional field is absent or has a value. In a model `None` means that it is absent."""

    @model_validator(mode="after")
    def _never_null(self) -> Self:
        for name in self.model_fields_set:
            if getattr(self, name) is None:
                raise ValueError(f"{type(self).model_fields[name].alias or name} must be absent, not null")
        return self
