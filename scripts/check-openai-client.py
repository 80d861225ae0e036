#!/usr/bin/env python3
"""Does a running `zerosearch serve` satisfy OpenAI's Python client? Development only; needs `pip install openai`.

    python3 scripts/check-openai-client.py URL [--api-key KEY] [--model NAME]

URL ends in /v1. Prints one line per check and ends with 0 if all hold, with 1 if not.
"""
import argparse
import sys
from concurrent.futures import ThreadPoolExecutor

import openai

QUESTION = [{"role": "user", "content": "Who wrote the book?"}]
CHECKS = []


def check(function):
    CHECKS.append(function)
    return function


@check
def simulator_request(client, model):
    """the reference's simulator request: model '', empty system message, content as parts"""
    answer = client.chat.completions.create(
        model="",
        max_tokens=20,
        temperature=0.8,
        messages=[
            {"role": "system", "content": ""},
            {"role": "user", "content": [{"type": "text", "text": "Who wrote the book?"}]},
        ],
    )
    assert isinstance(answer.choices[0].message.content, str)
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens
    assert answer.usage.completion_tokens <= 20


@check
def seed_repeats(client, model):
    """the same seed gives the same texts, whole or streamed, and n different ones"""
    wishes = {"model": model, "messages": QUESTION, "max_tokens": 24, "seed": 7, "n": 2}
    whole = [choice.message.content for choice in client.chat.completions.create(**wishes).choices]
    streamed, usage = ["", ""], None
    for chunk in client.chat.completions.create(**wishes, stream=True, stream_options={"include_usage": True}):
        usage = chunk.usage or usage
        for choice in chunk.choices:
            streamed[choice.index] += choice.delta.content or ""
    assert streamed == whole, (streamed, whole)
    assert whole[0] != whole[1]
    assert usage is not None and usage.completion_tokens > 0


@check
def stop_is_cut(client, model):
    """a stop string is left out, streamed or not"""
    wishes = {"model": model, "messages": QUESTION, "max_tokens": 40, "seed": 3}
    text = client.chat.completions.create(**wishes).choices[0].message.content
    stop = text.replace("\ufffd", "")[2:4]
    choice = client.chat.completions.create(**wishes, stop=[stop]).choices[0]
    assert choice.finish_reason == "stop"
    assert choice.message.content == text[: text.index(stop)]
    parts = [c.choices[0].delta.content or "" for c in client.chat.completions.create(**wishes, stop=stop, stream=True)]
    assert "".join(parts) == choice.message.content


@check
def logprobs(client, model):
    """every token's log-probability is told, in both interfaces"""
    chat = client.chat.completions.create(model=model, messages=QUESTION, max_tokens=8, logprobs=True)
    assert all(token.logprob <= 0 and token.top_logprobs == [] for token in chat.choices[0].logprobs.content)
    plain = client.completions.create(model=model, prompt="the book", max_tokens=8, logprobs=0)
    assert all(value <= 0 for value in plain.choices[0].logprobs.token_logprobs)


@check
def models(client, model):
    """the model is listed"""
    assert client.models.list().data[0].id
    assert client.models.retrieve(client.models.list().data[0].id).object == "model"


@check
def refusals(client, model):
    """refusals are the client's own exceptions and name the field"""
    for wishes, param in [({"temperature": 3}, "temperature"), ({"top_logprobs": 2, "logprobs": True}, "top_logprobs")]:
        try:
            client.chat.completions.create(model=model, messages=QUESTION, max_tokens=1, **wishes)
        except openai.BadRequestError as error:
            assert error.param == param, error
        else:
            raise AssertionError(f"{wishes} was accepted")
    try:
        client.chat.completions.create(model="no-such-model", messages=QUESTION, max_tokens=1)
    except openai.NotFoundError as error:
        assert error.code == "model_not_found"
    else:
        raise AssertionError("a model of another name was accepted")


@check
def concurrent(client, model):
    """thirty-two clients at once get what each gets alone"""
    def ask(seed):
        answer = client.chat.completions.create(model=model, messages=QUESTION, max_tokens=16, seed=seed)
        return answer.choices[0].message.content

    alone = [ask(seed) for seed in range(32)]
    with ThreadPoolExecutor(32) as pool:
        assert list(pool.map(ask, range(32))) == alone


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("url")
    parser.add_argument("--api-key", default="EMPTY")
    parser.add_argument("--model", default="")
    arguments = parser.parse_args()
    client = openai.OpenAI(base_url=arguments.url, api_key=arguments.api_key, max_retries=0)
    failed = 0
    for function in CHECKS:
        try:
            function(client, arguments.model)
            print(f"ok      {function.__doc__}")
        except Exception as error:
            failed += 1
            print(f"FAILED  {function.__doc__}: {type(error).__name__}: {error}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
