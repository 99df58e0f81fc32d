import pytest
from clinic import Clinic


@pytest.fixture
def clinic(tmp_path):
    made = Clinic(tmp_path)
    yield made
    made.store.close()
