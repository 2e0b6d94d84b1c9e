// A page whose session has ended goes to the sign-in page, and returns afterwards.
(function () {
  "use strict";
  const ask = window.fetch;
  let leaving = false;

  window.fetch = function (...request) {
    return ask.apply(this, request).then((answer) => {
      if (answer.status === 401 && !leaving) {
        leaving = true;
        window.location.reload();
      }
      return answer;
    });
  };
})();
