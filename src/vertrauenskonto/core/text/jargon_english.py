"""English jargon and foreign words rare in common language, each with a plain alternative of ours.

The form is that of `jargon_german`.
"""

from collections.abc import Mapping

ENGLISH: Mapping[str, str] = {
    "business": """
        above board = honest; actionable = that can be acted on; action item = task;
        actuals = real figures; ad hoc = for this case; agile = in small steps;
        align|alignment = agree; asset = thing of value; at the end of the day = in the end;
        backlog = list of open work; ballpark figure = rough number; bandwidth = time;
        baseline = starting point; benchmark = comparison; best of breed = best;
        best practice = proven way; big picture = whole; blue sky thinking = free ideas;
        boil the ocean = try too much; bottleneck = tight spot; bottom line = result;
        brainstorm = collect ideas; b2b = between companies; b2c = to consumers;
        buy in = agreement; cadence = rhythm; cascade = pass on;
        cash flow = money coming in and going out; change management = guiding a change;
        churn = customers leaving; circle back = return to this;
        commoditise|commoditize = make ordinary; competency = skill;
        core competency = what we do best; cost centre|cost center = department;
        cross functional = from several departments; customer centric = made for the customer;
        customer journey = what the customer goes through; deep dive = close look;
        deliverable = result; disruptive = changing everything; downsize = cut jobs;
        drill down = look closer; ecosystem = surroundings; empower = allow; enablement = help;
        end to end = from start to finish; escalate = pass on to the lead;
        facilitate = help, make easier; follow up = get back to; game changer = great change;
        gap analysis = what is missing; go forward = future; go live = start;
        going forward = from now on; granular|granularity = detailed;
        headcount = number of staff; helicopter view = overview; holistic = as a whole;
        impactful = strong; incentivise|incentivize = reward; in house = in our own company;
        key account = large customer; kick off = start; kpi = key figure; leverage = use;
        low hanging fruit = easy part; mission critical = vital; milestone = step on the way;
        mindset = attitude; monetise|monetize = earn money with; moving parts = things to watch;
        offboarding = leaving; onboarding = getting started;
        operationalise|operationalize = put into practice; optics = how it looks;
        optimise|optimize|optimisation|optimization = improve;
        outsource = give to another company; pain point = problem; paradigm shift = great change;
        parking lot = list for later; pipeline = planned work; pivot = change course;
        proactive|proactively = unasked, ahead of time; procurement = buying;
        quick win = fast result; ramp up = increase; reach out = call, write; recap = sum up;
        right size = cut jobs; roadmap = plan; roi = what it pays back;
        roll out|rollout = introduce; scalable|scalability = can grow;
        seamless|seamlessly = smooth; silo = closed department; sla = agreed time limit;
        socialise|socialize = show around; stakeholder = people involved;
        strategic|strategically = long-term; streamline = make simpler; sunset = end;
        supply chain = suppliers; swim lane = area of work; synergy = gain from working together;
        take offline = discuss later; thought leader = expert; timeline = schedule;
        touch base = talk; touchpoint = contact; turnkey = ready to use; upsell = sell more;
        usp = what makes us different; value add|value added = extra use;
        value proposition = what you get; verticals = industries; whitepaper = paper;
        win win = good for both; workaround = way around; workflow = order of work;
        workstream = part of the work
    """,
    "it": """
        api = connection between programs; authenticate|authentication = prove who you are;
        authorise|authorize|authorisation|authorization = allow;
        backend = part behind the scenes; backup = safety copy; boot = start;
        buffer = store for a moment; bug = error; cache = temporary store;
        client side = on your device; configure|configuration = set up;
        credentials = name and password; cutover = changeover; dashboard = overview;
        data lake = store of raw data; debug = look for errors;
        decommission = switch off for good; default = normal setting;
        deploy|deployment = put into use; downtime = time out of service;
        encrypt|encryption = make unreadable for others; endpoint = device, address;
        failover = switch to the spare; firewall = protection against attacks;
        firmware = built-in program; frontend = part you see; functionality = what it can do;
        gateway = link between networks; gui = screens; hardware = device;
        helpdesk = customer help; high availability = hardly ever down;
        hosting = running on our computers; hotfix = quick repair; iaas = rented computers;
        incident = fault; instance = copy; interface = connection;
        interoperable|interoperability = works with others; latency = delay; legacy = old;
        load balancing = sharing the load; log file = record; malware = harmful program;
        metadata = data about the data; middleware = program in between;
        migrate|migration = move; multi tenant = shared by several customers;
        on premise = at your place; open source = with public code; outage = failure;
        parameter = setting; patch = correction; payload = content; phishing = fraud by mail;
        ping = short message; plugin|plug in = add-on; provision|provisioning = set up;
        query = search; redundancy = spare; repository = store; rollback = going back;
        saas = rented program; sandbox = place to try things; scripting = small programs;
        single sign on = one sign-in for all; sprint = period of work;
        synchronise|synchronize|sync = bring to the same state; syntax = form;
        tech stack = programs used; throughput = amount handled; timestamp = date and time;
        token = key; troubleshoot|troubleshooting = look for the fault;
        two factor = with a second proof; uptime = time in service; url = web address;
        usability = ease of use; validate|validation = check;
        virtualise|virtualize = imitate on another computer; vpn = protected connection;
        vulnerability = weak spot; webhook = message between programs;
        wizard = step-by-step help
    """,
    "insurance": """
        accrual = amount building up; act of god = natural event;
        actuary|actuarial = insurance mathematician; adjuster = person who assesses the damage;
        annuity = yearly payment; beneficiary = who gets the money; benefit period = time we pay;
        binder = temporary cover; bonus malus = discount or surcharge; cede|cession = pass on;
        claimant = who makes the claim; coinsurance = shared cost;
        contributory negligence = part of the fault is yours; copayment|copay = your share;
        coverage = what is insured; declaration page = summary of your contract;
        deductible = amount you pay yourself; depreciation = loss of value;
        disbursement = payment; double indemnity = paying twice;
        endorsement = change to the contract; exclusion = what is not insured;
        ex gratia = goodwill; forfeit|forfeiture = lose;
        indemnify|indemnity|indemnification = pay for the loss; in force = valid;
        insurable interest = reason to insure; insured peril = danger covered;
        lapse = end without notice; liability = duty to pay;
        loss adjuster = person who assesses the damage;
        loss ratio = claims compared with income; material fact = important fact;
        moral hazard = being careless because insured; named peril = danger listed;
        no claims bonus = discount for no claims; non disclosure = not telling us;
        paid up = nothing more to pay; peril = danger; policyholder = you, the customer;
        premium = price; pro rata = in proportion; proximate cause = main cause;
        reinstate|reinstatement = put back; reinsurance|reinsurer = insurance of insurers;
        replacement cost = price of a new one; rider = extra to the contract;
        salvage = what is left; schedule of benefits = list of payments;
        solvency = ability to pay; sub limit = lower limit;
        subrogate|subrogation = claim back from who caused it; sum insured = highest payment;
        surrender value = payment on leaving; third party = somebody else;
        total loss = not worth repairing; tort = wrong done;
        underinsured|underinsurance = insured too low;
        underwrite|underwriter|underwriting = accept the risk; waiver = giving up a right;
        write off = not worth repairing
    """,
    "energy": """
        abatement = reduction; ampere = measure of current;
        ancillary services = help to keep the grid stable; arrears = money owed;
        balancing group = account for power; baseload = use that never stops;
        biomass = wood and waste as fuel; calorific value = heat in the gas;
        capacity charge = price for the highest use; carbon footprint = effect on the climate;
        carbon neutral = no effect on the climate; chp|cogeneration = power and heat together;
        congestion = too much for the line; consumption profile = when you use how much;
        curtail|curtailment = cut back; decarbonise|decarbonize = stop using coal, oil and gas;
        demand response = using less when asked; demand side = on your side;
        dispatchable = can be switched on; distributed generation = power made nearby;
        distribution network = local lines; dual fuel = power and gas together;
        efficacy = effect; electrolysis|electrolyser|electrolyzer = making hydrogen;
        emission = exhaust; energy mix = where the power comes from;
        feed in tariff = price for your power; feedstock = raw material; hvac = heating and air;
        interconnector = line between countries; interval data = readings every few minutes;
        inverter = device for solar power; kilovolt ampere|kva = measure of power;
        kilowatt hour|kwh = unit of power; levelised cost|levelized cost = average cost;
        load profile = when you use how much; load shedding = switching customers off;
        megawatt|mw = measure of power; meter point = number of your meter;
        microgrid = small network; net metering = power in minus power out;
        off peak = quiet hours; off grid = without a line; offset = make up for;
        peak shaving = cutting the highest use; peak load = highest use;
        photovoltaic|photovoltaics|pv = solar power; power factor = usable share;
        prosumer = who uses and makes power; renewables = power from sun, wind and water;
        retrofit = fit later; rolling blackout = switching off in turn;
        smart meter = meter that sends its readings; spot market = market for tomorrow;
        spot price = price of the hour; standing charge = fixed daily price;
        substation = place where power changes strength;
        supplier of last resort = who supplies if yours fails;
        switchgear = switches; tariff = price plan; therm = unit of gas;
        thermostat = temperature control; time of use = price by the hour;
        transformer = device that changes voltage; transmission = long-distance lines;
        unit rate = price for each unit; volatile|volatility = going up and down;
        wholesale = bought in bulk
    """,
    "law": """
        abrogate = end; adjudicate|adjudication = decide; affidavit = sworn statement;
        aforementioned|aforesaid = this; appurtenance = what belongs to it;
        arbitration = settlement outside court; bona fide = in good faith; breach = break;
        caveat = warning; covenant = promise; de facto = in fact; deem = regard as;
        due diligence = careful check; escrow = kept by a third person; estop|estoppel = barred;
        force majeure = nobody's fault; forthwith = at once; hereby = with this;
        herein = in this; hereinafter = from here on; hereto = to this; heretofore = until now;
        hold harmless = not blame; inter alia = among others; ipso facto = by that very fact;
        joint and several = each for the whole; jurisdiction = court in charge; lessee = tenant;
        lessor = landlord; lien = right to keep it; litigate|litigation = go to court;
        mitigate|mitigation = lessen; mutatis mutandis = in the same way;
        notwithstanding = despite; null and void = not valid; per annum = a year;
        prima facie = at first sight; pursuant to = under; remit = send money;
        severability = the rest stays valid; stipulate = say; terminate|termination = end;
        thereof = of it; therein = in it; thereto = to it; vis a vis = towards;
        vicarious = for others; warrant = promise; wherein = in which;
        without prejudice = without giving up any right
    """,
    "foreign": """
        accordingly = so; accumulate = collect; acquire|acquisition = get; additionally = also;
        adequate = enough; ameliorate = improve; amend = change; anticipate = expect;
        apprise = tell; ascertain = find out; attain = reach; augment = add to; cease = stop;
        cognisant|cognizant = aware; commence|commencement = begin; commensurate = fitting;
        concur = agree; consequently = so; constitute = make up; contemplate = think about;
        convene = meet; de rigueur = needed; demonstrate = show; deteriorate = get worse;
        discontinue = stop; discrepancy = difference; disseminate = spread; elucidate = explain;
        en route = on the way; endeavour|endeavor = try; enumerate = list; envisage = expect;
        equitable = fair; erroneous|erroneously = wrong; evince = show; exacerbate = make worse;
        exemplary = as an example; expedite = speed up; expeditious|expeditiously = fast;
        extant = still there; fait accompli = done already; feasible|feasibility = possible;
        finalise|finalize = finish; henceforth = from now on; hitherto = until now;
        immanent = within; imminent = about to happen; impede|impediment = hinder;
        implement|implementation = carry out; in lieu of = instead of; inaugurate = open;
        inception = start; incumbent = holding the post; initiate = start;
        inordinate|inordinately = too much; interim = for now; irrespective = whatever;
        laudable = good; methodology = method; multifaceted = with many sides;
        necessitate = need; nominal = small; numerous = many; obfuscate = hide;
        obligatory = required; obviate = avoid; optimum = best; paramount = most important;
        per se = in itself; peruse = read; plethora = many; posit = claim; preclude = prevent;
        prerogative = right; prioritise|prioritize = put in order; prior to = before;
        promulgate = announce; propensity = habit; proximity = nearness; purport = claim;
        quid pro quo = exchange; rectify|rectification = put right; reiterate = say again;
        remuneration = pay; requisite = needed; salient = main; solicit = ask for;
        sporadic = now and then; subsequent|subsequently = later; substantial = large;
        substantiate = prove; sufficient = enough; supersede = replace; tantamount = equal;
        terminus = end; transpire = happen; ubiquitous = everywhere; unilateral = one-sided;
        utilise|utilize|utilisation|utilization = use; verbatim = word for word;
        viable = workable
    """,
}
